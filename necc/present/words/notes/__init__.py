"""The sentences under a table: functions of its result, named as the table is."""

"""Files of aggregates, by which centres work together without handing on a patient's row."""

from necc.centres.disclosure import TableSize as TableSize
from necc.centres.file import CentreFile as CentreFile
from necc.centres.file import read_centre as read_centre
from necc.centres.ledger import Ledger as Ledger
from necc.centres.ledger import default_ledger as default_ledger
from necc.centres.ledger import read_ledger as read_ledger
from necc.centres.pooling import CENTRE as CENTRE
from necc.centres.pooling import Pooled as Pooled
from necc.centres.pooling import pool as pool
from necc.centres.previewing import Preview as Preview
from necc.centres.previewing import most_even as most_even
from necc.centres.previewing import preview as preview
from necc.centres.summarising import default_factors as default_factors
from necc.centres.summarising import own_words as own_words
from necc.centres.summarising import response_factors as response_factors
from necc.centres.summarising import summarise as summarise

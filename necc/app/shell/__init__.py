"""What stands around every page: navigation, sidebar, filters, the presentation's frame."""

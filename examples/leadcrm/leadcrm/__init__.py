"""leadcrm: the back end of a small CRM that collects and scores sales leads."""

__version__ = "1.4.0"

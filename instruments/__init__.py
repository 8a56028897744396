"""Countries, instruments and agreements: reference records that projects refer to."""

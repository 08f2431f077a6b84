"""`partysocket-rooms mqtt`: the devices of rooms in a broker, for Home Assistant and others."""

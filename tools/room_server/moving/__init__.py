"""`partysocket-rooms move`: the rooms of the room server's file into a party server."""

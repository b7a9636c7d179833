"""What tests share: models made on the spot, servers on loopback."""

"""What runs all day: feeds that push to us, and who reads them."""

"""The canteen module (R3 to R9 of order 456). Empty until its time comes."""

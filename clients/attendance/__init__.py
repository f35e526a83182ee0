"""The attendance module (R10 to R12 of order 456). Empty until its time comes."""

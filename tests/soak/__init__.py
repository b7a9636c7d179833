"""Long life: hundreds of rounds of real use, and what they leave behind."""

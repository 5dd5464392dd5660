"""Host code in the hal phase: values in buffers, commands in an order, memory by lifetime."""

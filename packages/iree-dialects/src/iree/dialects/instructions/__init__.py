"""Host code in the vm phase: operations of arith, math, cf and hal as instructions."""

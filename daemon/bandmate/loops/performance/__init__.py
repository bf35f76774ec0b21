"""How a written loop is played: feel, swing, registers and corrections."""

"""Both fits side by side, and what follows from them without a judgement."""

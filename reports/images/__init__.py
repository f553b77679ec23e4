"""Image compression: a picture's colours clustered by EM, honest about bits, and beside it the posterior of its palette."""

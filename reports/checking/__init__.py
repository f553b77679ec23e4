"""Does the model fit? Data that the fitted model would make, fitted in their turn, beside the data that there are."""

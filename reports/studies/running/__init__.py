"""What every repeated simulation is run with: experiments, their store, workers and clusters."""

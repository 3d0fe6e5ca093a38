"""Entry points as graphs: functions that algorithms ask of a spec, composed from its outputs."""

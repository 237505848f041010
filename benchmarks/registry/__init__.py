"""The registry under measurement: single questions, batches and synthesis, over populations of growing size."""

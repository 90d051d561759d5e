"""The sentences that a person reads, each written once and computed from the result that it speaks of."""

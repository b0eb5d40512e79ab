//! How good a ranking is: judgements, and the measures recall, MRR and nDCG.

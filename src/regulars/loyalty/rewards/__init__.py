"""The rewards catalogue (积分商城): what points buy, who may take it, and what became of every claim."""

"""Risk control 风险控制: abnormal customers are found, looked at, frozen and released, with the evidence for it."""

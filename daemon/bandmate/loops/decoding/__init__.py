"""How a loop is written: masks, drafts, harmony and sampling."""

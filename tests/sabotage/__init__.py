"""Faults in gradlib that a chapter is about: do its printed numbers or its claims notice?"""

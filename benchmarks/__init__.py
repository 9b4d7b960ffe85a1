"""Seconds, figures and tables of the documentation: python -m benchmarks.NAME"""

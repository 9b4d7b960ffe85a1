"""Scripts for the questions that the tutorials leave open: python -m extensions.NAME"""

"""The room Domains: is each domain's DNS right, and how full is it?"""

"""What a network is, for people and for tools: its layers, its equations and its facts, as text, Markdown, JSON, HTML.

Every renderer takes a part, its graph and its facts, and is a module of its own, loaded when something is drawn.
"""

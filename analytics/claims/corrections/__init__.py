"""What a draft should say instead of what is wrong in it, in its own style."""

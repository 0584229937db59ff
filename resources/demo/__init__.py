"""The synthetic chest films of the demo study, and the script that draws them."""

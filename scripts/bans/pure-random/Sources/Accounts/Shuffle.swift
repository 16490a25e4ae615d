let order = members.shuffled()

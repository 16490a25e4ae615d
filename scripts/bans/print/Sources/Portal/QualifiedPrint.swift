func show() {
    Swift.print("signed in")
}

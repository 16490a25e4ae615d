func show() {
    print("signed in")
}

import Accounts

let updated = UpdateDate()
let label = "XXXL"

/// The passwords that guessers try first.
///
/// Lists of leaked passwords consist of few words in many dresses: doubled, with digits and signs behind, with letters
/// turned to digits. So the words stand here and the dresses are taken off, which covers more than a long list would.
package enum CommonPasswords {
    /// Whether a password, in lower case, is one of the common ones under its dress.
    package static func contains(_ folded: String) -> Bool {
        let plain = undressed(folded)
        // Little but dress: a number, or few characters over and over. What a password manager made has many.
        if plain.count < 4, folded.allSatisfy(\.isNumber) || Set(folded).count < 9 { return true }
        if isWalk(folded) || isWalk(plain) { return true }
        return consistsOfWords(Array(plain)) || consistsOfWords(Array(folded.filter(\.isLetter)))
    }

    /// Leet letters back to letters; digits and signs at both ends away.
    private static func undressed(_ folded: String) -> String {
        let core = folded.drop { !$0.isLetter && !leet.keys.contains($0) }
        let trimmed = String(core.reversed().drop { !$0.isLetter }.reversed())
        return String(trimmed.map { leet[$0] ?? $0 }.filter(\.isLetter))
    }

    /// Whether the whole text is made of at most three common words, so that `passwordadmin` is found too.
    private static func consistsOfWords(_ text: [Character], depth: Int = 0) -> Bool {
        if text.isEmpty { return depth > 0 }
        guard depth < 3 else { return false }
        for length in stride(from: min(text.count, longest), through: 3, by: -1)
        where words.contains(String(text[0..<length])) {
            if consistsOfWords(Array(text[length...]), depth: depth + 1) { return true }
        }
        return false
    }

    /// Runs along the keyboard, the alphabet or the digits, forwards or backwards.
    private static func isWalk(_ text: String) -> Bool {
        guard text.count >= 4 else { return false }
        let characters = Array(text)
        var steps = 0
        for (first, second) in zip(characters, characters.dropFirst()) where isNeighbour(first, second) { steps += 1 }
        return Double(steps) >= 0.8 * Double(characters.count - 1)
    }

    private static func isNeighbour(_ first: Character, _ second: Character) -> Bool {
        rows.contains { row in
            guard let place = row.firstIndex(of: first), let other = row.firstIndex(of: second) else { return false }
            return abs(place - other) <= 1 || abs(place - other) == row.count - 1
        }
    }

    private static let rows: [[Character]] = [
        "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm",
        "wxcvbn", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn7ujm", "0123456789", "1q2w3e4r5t6y7u8i9o0p",
        "!@#$%^&*()", "q1w2e3r4t5y6u7i8o9p0",
    ].map(Array.init)

    private static let leet: [Character: Character] = [
        "0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "!": "i", "+": "t",
    ]

    private static let longest = words.reduce(0) { max($0, $1.count) }

    private static let words: Set<String> = Set(
        """
        password passwort passord passwd pass contrasena motdepasse wachtwoord senha parola haslo heslo salasana secret
        geheim letmein welcome willkommen bienvenue bienvenido benvenuto login logon signin admin administrator root
        superuser user users guest test testing tester demo default changeme changethis change temp temporary temporal
        system sysadmin server console portal manager master mastermind service support helpdesk company office network
        internet computer windows microsoft google apple amazon facebook instagram twitter linkedin samsung android
        iphone cisco oracle linux ubuntu debian database backup security secure private public access account accounts
        qwerty qwertyuiop qwertz azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qaz wsx edc abc abcd abcdef abcdefgh
        iloveyou love lovely loveyou lover sweetheart sweet honey baby babygirl princess prince angel sunshine sunflower
        flower butterfly rainbow summer sommer winter spring autumn january february march april may june july august
        september october november december monday tuesday wednesday thursday friday saturday sunday monkey dragon tiger
        lion eagle falcon phoenix shadow hunter ranger killer ninja samurai warrior knight wizard superman batman
        spiderman ironman pokemon pikachu naruto starwars starwar matrix hello hallo hola bonjour ciao world baseball
        football soccer basketball hockey golf tennis liverpool arsenal chelsea barcelona realmadrid juventus bayern
        manchester united yankees cowboys steelers lakers michael michelle jessica jennifer jordan jordanaustin ashley
        daniel andrew anthony charlie robert thomas william george joshua matthew david martin peter stefan andreas
        nicole samantha amanda melissa elizabeth alexander alexandra nicholas benjamin jonathan christopher patricia
        maria carlos fernando pedro antonio francisco freedom forever friend friends family mother father brother sister
        jesus jesuschrist christ god heaven blessed trustno trust nothing whatever fuckyou fuck fucking asshole bitch
        cookie chocolate cheese pepper ginger banana orange apples cherry strawberry coffee money dollar euro million
        diamond silver golden gold purple yellow black white green blue red corvette mustang ferrari porsche mercedes
        harley yamaha honda toyota nissan camaro hunting fishing music guitar rockyou rock metallica nirvana slipknot
        blink eminem london paris berlin madrid roma newyork texas california america american england germany france
        espana italia brasil canada mexico russia china japan india one two three four five six seven eight nine ten
        zero the and you your my mine is are not new old big good best super mega ultra happy birthday merry christmas
        correct horse battery staple correcthorsebatterystaple panda countersign token code
        """.split { $0.isWhitespace }.map(String.init)
    )
}

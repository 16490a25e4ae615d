package import GRDB

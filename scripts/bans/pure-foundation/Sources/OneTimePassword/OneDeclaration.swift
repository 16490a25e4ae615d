import struct Foundation.Data

import CArgon2
import CCountersignShims
package import Secrets

/// One Argon2id computation after another on one thread, in memory that is kept from one to the next.
///
/// Fresh memory would cost the kernel a page fault for each of thousands of pages at each hash. The memory is not
/// copied and not shared; who holds this value decides when it goes back to the system.
@safe package struct RawArgon2: ~Copyable {
    package static let saltByteCount = 16
    package static let tagByteCount = 32

    /// Whether libargon2 could be told to leave the wiping to us; otherwise each hash ends with it.
    package static let wipesLater = countersign_argon2_leave_wiping()

    private var arena = unsafe countersign_arena()
    /// Whether nothing is left to be overwritten.
    package private(set) var isWiped = true

    package init() {}

    deinit {
        var arena = unsafe arena
        unsafe countersign_arena_release(&arena)
    }

    /// The tag of a password, nil if the library refuses or the memory is not to be had.
    ///
    /// Blocks for tens of milliseconds: never call it on a thread of the cooperative pool.
    package mutating func tag(
        of password: Password,
        salt: [UInt8],
        parameters: Argon2Parameters,
        byteCount: Int = Self.tagByteCount
    ) -> [UInt8]? {
        defer { wipe() }
        return tagBeforeWiping(of: password, salt: salt, parameters: parameters, byteCount: byteCount)
    }

    /// The same with `wipe()` left to the caller: overwriting the memory takes a thirtieth of the time of the hash,
    /// which nobody need wait for, and the next hash does it anyway.
    package mutating func tagBeforeWiping(
        of password: Password,
        salt: [UInt8],
        parameters: Argon2Parameters,
        byteCount: Int
    ) -> [UInt8]? {
        var tag = [UInt8](repeating: 0, count: byteCount)
        // The C interface lacks `const`, but writes to neither password nor salt; the salt is a copy anyway.
        var salt = salt
        let status = password.withBytes { bytes in
            unsafe bytes.withUnsafeBufferPointer { password in
                unsafe compute(UnsafeMutableBufferPointer(mutating: password), &salt, parameters, &tag)
            }
        }
        return status == ARGON2_OK.rawValue ? tag : nil
    }

    /// Overwrites the memory, where that is still to be done.
    package mutating func wipe() {
        guard !isWiped else { return }
        unsafe countersign_arena_wipe(&arena)
        isWiped = true
    }

    /// Whether the memory really holds nothing of any hash; looks at all of it.
    package var isClear: Bool { mutating get { unsafe countersign_arena_is_clear(&arena) } }

    private mutating func compute(
        _ password: UnsafeMutableBufferPointer<UInt8>,
        _ salt: inout [UInt8],
        _ parameters: Argon2Parameters,
        _ tag: inout [UInt8]
    ) -> Int32 {
        unsafe tag.withUnsafeMutableBufferPointer { tag in
            unsafe salt.withUnsafeMutableBufferPointer { salt in
                var context = unsafe argon2_context()
                unsafe context.out = tag.baseAddress
                unsafe context.outlen = UInt32(tag.count)
                unsafe context.pwd = password.baseAddress
                unsafe context.pwdlen = UInt32(password.count)
                unsafe context.salt = salt.baseAddress
                unsafe context.saltlen = UInt32(salt.count)
                unsafe context.t_cost = parameters.passes
                unsafe context.m_cost = parameters.memoryKiB
                unsafe context.lanes = parameters.lanes
                // One thread whatever the lanes: the result is the same and the pool stays the bound.
                unsafe context.threads = 1
                unsafe context.version = ARGON2_VERSION_13.rawValue
                unsafe context.allocate_cbk = countersign_arena_allocate
                unsafe context.free_cbk = countersign_arena_free
                isWiped = !Self.wipesLater
                unsafe countersign_arena_enter(&arena)
                defer {
                    countersign_arena_enter(nil)
                    countersign_argon2_wipe_stack()
                }
                return unsafe argon2_ctx(&context, Argon2_id)
            }
        }
    }
}

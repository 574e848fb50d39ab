package org.autotls.rig;

import java.nio.file.Path;
import java.util.List;
import org.autotls.testkit.Await;

/** What OpenSSL, and not our code, says of a file that holds a key and a chain. */
final class OpenSsl {

    private OpenSsl() {}

    /** Fails unless the file's key and leaf belong together; returns the names of the leaf. */
    static String matchingPair(Path file) {
        String ofKey =
                ChildProcess.run(Await.HANG_LIMIT, List.of("openssl", "pkey", "-in", file.toString(), "-pubout"));
        String ofLeaf = ChildProcess.run(
                Await.HANG_LIMIT, List.of("openssl", "x509", "-in", file.toString(), "-pubkey", "-noout"));
        if (!ofKey.equals(ofLeaf)) {
            throw new AssertionError(file + ": the key does not match the leaf");
        }
        return ChildProcess.run(
                Await.HANG_LIMIT,
                List.of("openssl", "x509", "-in", file.toString(), "-noout", "-ext", "subjectAltName"));
    }
}

package org.autotls.rig;

import java.net.URI;
import java.nio.file.Path;

/** What a client must be told of a CA: the CA itself, or what stands before it. */
interface AcmeCa {

    /** The ACME directory. */
    URI acme();

    /** The root that the certificate of {@link #acme} comes from: {@code --acme-root}. */
    Path httpsRoot();
}

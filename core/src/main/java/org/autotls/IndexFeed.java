package org.autotls;

import java.util.HashMap;
import java.util.Map;
import org.autotls.ca.LocalCaIssuer;
import org.autotls.tls.LiveIndex;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what is stored into the index. An entry that has lost its bundle leaves the last good one in place. One thread
 * at a time.
 *
 * <p>With the embedded CA, what is served for {@code localhost} is served to clients that send no server name, too:
 * many clients on this machine do not send one without a dot (the JDK's among them), or connect to an address.
 */
final class IndexFeed implements StoreListener {

    private static final Logger LOG = LoggerFactory.getLogger(AutoTls.class);

    private final LiveIndex index;
    private final boolean local;
    private final Map<Subject, CertificateBundle> first = new HashMap<>();
    private boolean live;

    IndexFeed(LiveIndex index, boolean local) {
        this.index = index;
        this.local = local;
    }

    @Override
    public void changed(StoredBundle entry) {
        entry.bundle().ifPresent(bundle -> {
            if (live) {
                put(entry.subject(), bundle);
                serveNameless();
            } else {
                first.put(entry.subject(), bundle);
            }
        });
    }

    @Override
    public void removed(Subject subject) {
        index.remove(subject);
        serveNameless();
    }

    /** What the index refuses hurts no other entry of the same poll. */
    private void put(Subject subject, CertificateBundle bundle) {
        try {
            index.put(subject, bundle);
        } catch (IllegalArgumentException e) {
            LOG.error(
                    "{} is not served, but what was before: {}. Remove it from the store and find out who put it"
                            + " there.",
                    subject,
                    e.getMessage());
        }
    }

    private void serveNameless() {
        if (local) {
            index.current()
                    .find(LocalCaIssuer.LOCALHOST)
                    .ifPresentOrElse(entry -> index.putFallback(entry.bundle()), index::removeFallback);
        }
    }

    /** Serves all that was read at start in one step. */
    void goLive() {
        index.replace(first);
        serveNameless();
        first.clear();
        live = true;
    }
}

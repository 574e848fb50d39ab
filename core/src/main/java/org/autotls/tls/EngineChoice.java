package org.autotls.tls;

import java.util.Iterator;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import javax.net.ssl.TrustManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which engines serve: those of another TLS library if one is there and can be loaded, else the JDK's. Stateless. */
final class EngineChoice {

    /** The system property that, set to {@code jdk}, keeps the JDK's engine whatever else is there. */
    static final String PROPERTY = "autotls.engine";

    private static final Logger LOG = LoggerFactory.getLogger(EngineChoice.class);
    private static final ServingEngines.Maker JDK = (entry, hello, settings) -> Optional.empty();

    private EngineChoice() {}

    /** Reads the property, asks the service loader, and says in one line of the log what came of it. */
    static ServingEngines.Maker of(TrustManager... trust) {
        return System.getProperty(PROPERTY, "").equals("jdk")
                ? JDK
                : first(ServiceLoader.load(ServingEngines.class, EngineChoice.class.getClassLoader()), trust);
    }

    static ServingEngines.Maker first(Iterable<ServingEngines> found, TrustManager... trust) {
        try {
            Iterator<ServingEngines> each = found.iterator();
            return each.hasNext() ? opened(each.next(), trust) : JDK;
        } catch (IllegalStateException | ServiceConfigurationError | LinkageError e) {
            LOG.warn("The JDK's TLS engine serves; the other one on the class path cannot: {}", e.toString());
            return JDK;
        }
    }

    private static ServingEngines.Maker opened(ServingEngines engines, TrustManager... trust) {
        ServingEngines.Maker maker = engines.open(trust);
        LOG.info("TLS connections are served by {}", engines);
        return maker;
    }
}

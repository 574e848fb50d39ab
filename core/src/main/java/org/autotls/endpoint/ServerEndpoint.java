package org.autotls.endpoint;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.function.Supplier;
import org.autotls.AutoTlsBuilder;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint string says: where to listen, and where the certificates come from. Immutable; nothing is bound, opened
 * or written until a server is made of it.
 */
public final class ServerEndpoint {

    private final ListenAddress address;
    private final @Nullable Supplier<AutoTlsBuilder> autoTls;

    private ServerEndpoint(ListenAddress address, @Nullable Supplier<AutoTlsBuilder> autoTls) {
        this.address = requireNonNull(address, "address");
        this.autoTls = autoTls;
    }

    /**
     * An endpoint without TLS.
     *
     * @param address where to listen
     * @return the endpoint
     */
    public static ServerEndpoint plain(ListenAddress address) {
        return new ServerEndpoint(address, null);
    }

    /**
     * An endpoint with TLS.
     *
     * @param address where to listen
     * @param autoTls makes a new builder, set up as the string says, at each call
     * @return the endpoint
     */
    public static ServerEndpoint tls(ListenAddress address, Supplier<AutoTlsBuilder> autoTls) {
        return new ServerEndpoint(address, requireNonNull(autoTls, "autoTls"));
    }

    /**
     * Returns where to listen.
     *
     * @return the address
     */
    public ListenAddress address() {
        return address;
    }

    /**
     * Returns how certificates are got.
     *
     * @return a new builder that the caller may set further (e-mail, terms, …); empty if the endpoint has no TLS
     */
    public Optional<AutoTlsBuilder> autoTls() {
        return Optional.ofNullable(autoTls).map(Supplier::get);
    }
}

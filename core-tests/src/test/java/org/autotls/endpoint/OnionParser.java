package org.autotls.endpoint;

import org.autotls.endpoint.EndpointDescription.Field;

/** A third party's prefix, found by the service loader. */
public final class OnionParser implements EndpointParser {

    @Override
    public String prefix() {
        return "onionservice";
    }

    @Override
    public String usage() {
        return "onionservice:PORT";
    }

    @Override
    public ServerEndpoint parse(EndpointDescription description, EndpointParsers parsers) {
        String expected = "a port";
        EndpointArguments arguments = EndpointArguments.of(description, usage(), "port");
        Field port = arguments.require("port", expected);
        return ServerEndpoint.plain(ListenAddress.Tcp.port(arguments.number(port, 10, 1, 65_535, expected)));
    }
}

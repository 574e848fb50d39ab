package org.autotls.endpoint;

/**
 * Makes an endpoint of a string with one prefix. A third party adds a prefix by naming its parser in
 * {@code META-INF/services/org.autotls.endpoint.EndpointParser} (or {@code provides} in its module), or with
 * {@link EndpointParsers#with}.
 *
 * <p>Parsing is pure: it opens, binds, creates and resolves nothing. A parser that has a sub-endpoint takes its own keyword
 * arguments out first ({@link EndpointDescription#without}) and gives what follows its own positional arguments
 * ({@link EndpointDescription#rest}) back to the {@link EndpointParsers}.
 *
 * <p><b>Threads.</b> Safe for many threads.
 */
public interface EndpointParser {

    /**
     * Returns the prefix that chooses this parser.
     *
     * @return lower-case letters and digits
     */
    String prefix();

    /**
     * Returns how the endpoint is written, for help and error messages.
     *
     * @return for example {@code tcp:PORT[:interface=ADDR][:backlog=N]}
     */
    String usage();

    /**
     * Makes the endpoint.
     *
     * @param description the string, beginning with this parser's prefix
     * @param parsers what reads a sub-endpoint
     * @return what the string says
     * @throws EndpointException made by {@link EndpointDescription#refuse} or {@link EndpointDescription#missing}, if the
     *     string does not read as {@link #usage} says
     */
    ServerEndpoint parse(EndpointDescription description, EndpointParsers parsers);
}

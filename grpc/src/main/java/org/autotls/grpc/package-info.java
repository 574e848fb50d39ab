/** Automatic TLS for gRPC-java. */
@NullMarked
package org.autotls.grpc;

import org.jspecify.annotations.NullMarked;

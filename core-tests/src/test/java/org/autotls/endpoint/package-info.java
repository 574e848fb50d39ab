@NullMarked
package org.autotls.endpoint;

import org.jspecify.annotations.NullMarked;

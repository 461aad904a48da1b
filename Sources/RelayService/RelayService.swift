// RelayService
